"""Reduction: from a discrepancy to the smallest test case that still shows it, and the name of its bucket.

*pass*: proposes smaller test cases. *problem*: says which of them are still interesting: well typed, defined, and
failing with the same kind in the same engine. *construct*: what is left, in words.
"""
