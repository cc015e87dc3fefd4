"""Reading what people have: documents, encodings, pasted text, the catalogue and its downloads.

May use core.
"""
