"""Packages of interviews as an operator installs them: `parley packages`. Nothing of it is needed to serve them.

metadata.py   what a wheel says of itself
installing.py a folder of packages: adding to it, removing from it, what lies in it
"""
