"""Help for a person: what the doctor finds, and whether there is a newer release.

May use generation and the rooms below.
"""
