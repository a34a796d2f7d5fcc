"""Remember and show: the store of a campaign, its summary and report, and the folders of its findings.

*store*: the SQLite file of a campaign. *batch*: what is written to it at once. *bucket*: all findings of one signature.
*document*: something as JSON. *reproducer*: the ``repro.py`` of a bucket. What is read here is parsed and shown, never
run.
"""
