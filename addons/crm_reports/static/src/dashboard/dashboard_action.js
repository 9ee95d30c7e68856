import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DashboardFilters } from "./dashboard_filters";
import { DashboardTile } from "./dashboard_tile";

const MODEL = "crm.dashboard";
const LAST_DASHBOARD = "crm_reports.last_dashboard";
const NO_FILTERS = {
    period: "this_year",
    date_from: false,
    date_to: false,
    company_ids: [],
    team_id: false,
    user_id: false,
};

/** The dashboards: one page of tiles at a time, its filters, and the way to its Excel file. */
export class DashboardAction extends Component {
    static template = "crm_reports.DashboardAction";
    static components = { DashboardFilters, DashboardTile, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({
            status: "loading",
            message: "",
            loading: true,
            exporting: false,
            choices: { dashboards: [], periods: [], companies: [], team: false, user: false },
            dashboard: { id: false, name: "", description: "", tiles: [] },
            filters: { ...NO_FILTERS },
        });
        useSetupAction({
            getLocalState: () => ({
                dashboardId: this.state.dashboard.id,
                filters: { ...this.state.filters },
            }),
        });
        onWillStart(() => this.start());
    }

    /** Fetch what may be shown, then the first page in the background: the frame stands at once. */
    async start() {
        try {
            this.state.choices = await this.orm.silent.call(MODEL, "get_dashboards");
        } catch (error) {
            this.fail(error);
            return;
        }
        const wanted = this.getWantedDashboard();
        if (!wanted) {
            this.state.status = "nothing";
            return;
        }
        this.state.filters.period = wanted.default_period;
        Object.assign(this.state.filters, this.props.state?.filters || {});
        this.show(wanted.id);
    }

    getWantedDashboard() {
        const { dashboards } = this.state.choices;
        const last = Number(browser.localStorage.getItem(LAST_DASHBOARD));
        const ids = [this.props.action.params?.dashboard_id, this.props.state?.dashboardId, last];
        for (const id of ids) {
            const found = dashboards.find((dashboard) => dashboard.id === id);
            if (found) {
                return found;
            }
        }
        return dashboards[0];
    }

    async show(dashboardId) {
        browser.localStorage.setItem(LAST_DASHBOARD, dashboardId);
        if (dashboardId !== this.state.dashboard.id) {
            const { name, description, tiles } = this.state.choices.dashboards.find(
                (dashboard) => dashboard.id === dashboardId
            );
            this.state.dashboard = { id: dashboardId, name, description, tiles };
        }
        this.state.status = "ready";
        this.state.loading = true;
        try {
            this.state.dashboard = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_dashboard", [dashboardId, this.filters])
            );
        } catch (error) {
            this.fail(error);
        }
        this.state.loading = false;
    }

    /** Say what went wrong in the page itself; a dashboard is no place for a crash dialog. */
    fail(error) {
        this.state.status = "failed";
        this.state.message =
            error.data?.message || _t("The server cannot be reached. Check the connection.");
    }

    get filters() {
        return { ...this.state.filters };
    }

    get canWiden() {
        return this.state.filters.period !== "all";
    }

    reload() {
        if (this.state.dashboard.id) {
            return this.show(this.state.dashboard.id);
        }
        return this.start();
    }

    update(changes) {
        Object.assign(this.state.filters, changes);
        return this.reload();
    }

    widen() {
        return this.update({ period: "all" });
    }

    async retry(tile) {
        const index = this.state.dashboard.tiles.findIndex((other) => other.id === tile.id);
        try {
            this.state.dashboard.tiles[index] = await this.orm.silent.call(MODEL, "get_tile", [
                tile.id,
                this.filters,
            ]);
        } catch (error) {
            this.fail(error);
        }
    }

    /** Open exactly the records behind a figure. */
    open(tile, domain, part) {
        const name = part ? `${tile.name}: ${part}` : tile.name;
        return this.action.doAction({ ...tile.action, name, domain });
    }

    async export() {
        this.state.exporting = true;
        try {
            await download({
                url: `/crm_reports/dashboard/${this.state.dashboard.id}/xlsx`,
                data: {
                    filters: JSON.stringify(this.filters),
                    company_ids: JSON.stringify(user.context.allowed_company_ids || []),
                },
            });
        } finally {
            this.state.exporting = false;
        }
    }

    design() {
        return this.action.doAction("crm_reports.crm_dashboard_action");
    }
}

registry.category("actions").add("crm_reports.dashboard", DashboardAction);
