"""Results in PostgreSQL with PostGIS, for servers and programs that read from there.

One transaction writes everything that is asked for, so that a reader sees all of it or what was
there before. Publishing the same again changes nothing but the moment it is stamped with.
"""
