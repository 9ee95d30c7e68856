from . import import_template, portal
