"""`pydron check`: finds what breaks the contract of `@functional`, by reading the source and running nothing of it.

    _modules.py     source files, what names in them stand for, and imports, found without importing
    _libraries.py   what callables of libraries do: effects.txt, and the purity catalogue of the analysis
    _origins.py     abstract values: where an object that an expression gives may come from
    _walk.py        walks the statements of a function, keeping what its variables may hold
    _expressions.py the same for expressions
    _calls.py       the same for calls: into the user's functions, and out to libraries
    _functionals.py finds the functions to check, and turns what was found in them into findings
    _report.py      findings as text, JSON, SARIF and annotations for GitHub

Only the standard library is used, and nothing of the rest of the package, so that it also runs where no service can.
"""
