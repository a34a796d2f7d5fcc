"""Generation: test cases that are typed, fully defined, observable and small enough to read.

*choices*: where every decision is drawn. *profile*: what one kernel is made of. *want*: what a hole needs. *draft*: a
test case not yet known to be defined. *repair*: the local change of one node that removes something undefined.
"""
