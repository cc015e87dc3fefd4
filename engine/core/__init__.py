"""Small things that every room uses: errors, events, jobs, paths, settings, files, seeds.

May import no other room.
"""
