"""Losses on features: pure functions of tensors, knowing no network and no options.

Each is two steps. `gather(features, ...)` adds something up over positions; what it gives can be
added over tiles, weighted by a mask, blended over styles, and kept. `compare(sums, target)` makes
one scalar of it.
"""
