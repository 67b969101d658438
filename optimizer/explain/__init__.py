"""Why requests stay unserved: judged exactly by the routing of small sub-problems, told in plain German and English."""
