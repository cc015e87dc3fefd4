"""Reading exported chats."""
