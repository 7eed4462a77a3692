"""The sample sites, one module each, in the structure of the real sites.

Each has its hazards and is pure: no clock, no network.
"""
