"""Chats as the programs export them, read as conversations: one module for each family of exports.

A family knows its export by its shape, whatever the file is called, and gives its conversations. `layout.py` alone
makes text of them, and counts. What a person did not write (tools, thoughts, notices, pictures) is left out, and
counted.
"""
