"""The Runs tab: every run, its curve and its settings."""
