"""`make mac-report`: what only a Mac can tell, asked once and written into one file that can be sent.

Each part asks one thing and comes back with an Verdict: whether it was right, in plain words, and the figures. It runs
anywhere; where there is no GPU, the processor is asked.
"""
