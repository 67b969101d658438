"""Restplatzbörse, the optimizer: a pure function from (Instance, TravelMatrix, SolveParams) to Result.

It knows no database, web, clock or network. See ``optimizer/README.md`` for the mathematics.
"""
