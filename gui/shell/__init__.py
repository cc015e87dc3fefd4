"""The window around the tabs: menus, Dock, menu bar, settings, and how the application starts and ends.

May use every room of the window.
"""
