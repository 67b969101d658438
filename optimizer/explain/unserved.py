def unserved_reasons(index, rides, fleet, fragments, pool, solution):
    return ()
