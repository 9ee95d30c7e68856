from . import controllers, mixins, models, wizard
from .hooks import uninstall_hook
