"""The corpus: records of kernels with their generated code, what is a duplicate, which split each is in, and its files.

*Record*: one kernel for one device, flat and typed. *Cluster*: records that are near duplicates of the first of them.
*Split*: train, validation, test, composition (combinations of constructs that no other split has), or sweep. *Gate*:
what a finished export has to pass.
"""
