"""The text that Warp's front end emits, executed in Python: no compiler, no library, only what the text says.

A text is a small language of its own: functions of declarations, one call per statement, labels and gotos.
:mod:`~oracle.text.source` cuts it into functions, :mod:`~oracle.text.statements` reads their lines,
:mod:`~oracle.text.translation` writes each function as a Python function, and :mod:`~oracle.text.execution` runs a test
case with them. ``wp::`` functions mean what the Op table says (:mod:`~oracle.text.meanings`); what only this language
has, such as loads and views, is :mod:`~oracle.text.runtime`. What is not known is refused by its line, never guessed.

It reads text that Warp's own code generator made of a module that the grammar took; it is no way to run other text.
"""
