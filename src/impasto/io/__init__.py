"""Picture files: the only room that reads or writes them.

`files` is the door (read, write, check, recipe) and `memory` takes Pillow images and arrays. Behind
them, `decode` and `encode` know the formats, `color` the profiles, `embed` the recipe, `atomic` the
disk and `failures` what can go wrong with a file.
"""
