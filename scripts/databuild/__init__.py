"""How the files in ``data/`` are made; run by ``scripts/build_data.py``."""
