import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const SECONDS = 3;

/**
 * Shows how far a scan for duplicates is: reads the record again while it runs.
 */
export class DuplicateScanController extends FormController {
    setup() {
        super.setup();
        const timer = setInterval(() => this.follow(), SECONDS * 1000);
        onWillUnmount(() => clearInterval(timer));
    }

    async follow() {
        const root = this.model.root;
        if (root && root.data.state === "running" && document.visibilityState === "visible") {
            await root.load();
        }
    }
}

registry.category("views").add("crm_dup_scan_form", {
    ...formView,
    Controller: DuplicateScanController,
});
