from . import portal, portal_acceptance, portal_notice, portal_ticket
