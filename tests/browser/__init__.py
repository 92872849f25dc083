"""Tests of the page in Chromium.

A package, so that what fixtures of package scope open is closed when its last test has run.
"""
