"""The window: Qt over the headless engine; importing it loads no torch."""
