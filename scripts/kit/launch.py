"""The host's command line, with the addons of paid online services off by default.

Run by the Python of ``.venv`` in place of ``odoo-bin``. The host installs an addon by itself when
its dependencies are there; for these that would mean calls to the vendor's paid services that
nobody asked for. They remain installable by hand.
"""

import sys

# Lead enrichment and mining, company look-up while typing, letters by post.
PAID_SERVICES = {
    "crm_iap_enrich",
    "crm_iap_mine",
    "iap_crm",
    "partner_autocomplete",
    "snailmail",
    "snailmail_account",
    "website_crm_iap_reveal",
}


def keep_paid_services_off() -> None:
    """Read the manifests of :data:`PAID_SERVICES` without their ``auto_install``."""
    from odoo.modules import module

    load_manifest = module._load_manifest

    def load(name, content):
        if name in PAID_SERVICES:
            content = {**content, "auto_install": False}
        return load_manifest(name, content)

    module._load_manifest = load


def main() -> None:
    keep_paid_services_off()
    import odoo.cli

    odoo.cli.main()


if __name__ == "__main__":
    # The host's own folder must come first on the path, not the one of this file.
    sys.path.pop(0)
    main()
