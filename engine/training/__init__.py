"""Training: the loop and its parts, from the optimizer to the faults that are watched for.

May use generation, for samples, and the rooms below.
"""
