"""The checklist for the first days: the guide’s next steps, ticked by what really happened.

May use kit.
"""
