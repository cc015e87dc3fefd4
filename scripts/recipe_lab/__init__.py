"""`make recipe-lab`: the experiments behind the quick recipe, to be made again anywhere.

Each run is a process of its own, in a home of its own, as on a person's first day: nothing is measured or prepared
beforehand but the text, so that a run's seconds hold all that a person waits for once Python and torch are there. What
comes of it is added to a file of results; what stands there already is not made again.
"""
