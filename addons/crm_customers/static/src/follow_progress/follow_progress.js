import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const SECONDS = 3;
const BUSY = ["running", "checking"];

/**
 * Shows how far background work is: reads the record again while its state says that it runs.
 */
export class FollowProgressController extends FormController {
    setup() {
        super.setup();
        const timer = setInterval(() => this.follow(), SECONDS * 1000);
        onWillUnmount(() => clearInterval(timer));
    }

    async follow() {
        const root = this.model.root;
        if (root && BUSY.includes(root.data.state) && document.visibilityState === "visible") {
            await root.load();
        }
    }
}

for (const name of ["crm_dup_scan_form", "crm_import_log_form"]) {
    registry.category("views").add(name, { ...formView, Controller: FollowProgressController });
}
