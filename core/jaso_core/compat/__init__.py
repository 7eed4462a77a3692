"""Places that lean on privates of other libraries, or patch them; a module each.

A public API is taken wherever there is one. What is here has none in the version that constraints.txt holds, and each
function says which. `tests/core/test_compat.py` checks what each one does, so that a new version of a library fails
there and not in a run. No module here is imported by another one here, and libraries that are slow to import are
imported inside the functions.
"""
