from odoo.tests import tagged

from .import_common import ImportCase

ACCOUNTS = (
    "account,sector,office_location,subsidiary_of\n"
    "Child Works,technolgy,Kenya,Parent Works\n"
    "Parent Works,retail,Philipines,\n"
    "Lone Works,technolgy,Korea,Missing Works\n"
)
TEAMS = (
    "sales_agent,manager,regional_office\n"
    "Ada Voss,Mira Lund,Harbour\n"
    "Tim Okoro,Mira Lund,Harbour\n"
    "Lea Brandt,Jo Falk,Inland\n"
)


@tagged("post_install", "-at_install")
class TestImportAccounts(ImportCase):
    """Accounts become companies."""

    def _company(self, name):
        return self.env["res.partner"].search([("name", "=", name), ("is_company", "=", True)])

    def test_accounts_come_in_with_sector_country_and_parent(self):
        answer = self._import("res.partner", ACCOUNTS)
        self.assertEqual(self._counts(answer), (3, 0, 0, 0))
        child, parent = self._company("Child Works"), self._company("Parent Works")
        self.assertEqual(child.parent_id, parent)
        self.assertEqual(child.commercial_partner_id, child)
        self.assertEqual((child.country_id.code, parent.country_id.code), ("KE", "PH"))
        self.assertEqual(child.industry_id.name, "technolgy")

    def test_a_parent_that_follows_in_a_later_step_is_linked(self):
        screen = self._screen("res.partner", ACCOUNTS)
        self._import("res.partner", None, screen=screen, limit=1)
        self.assertEqual(self._company("Child Works").parent_id, self._company("Parent Works"))

    def test_what_is_used_otherwise_than_written_is_noted_once(self):
        log = self._log(self._import("res.partner", ACCOUNTS))
        noted = {(issue.row, issue.column, issue.code) for issue in log.issue_ids}
        self.assertLessEqual(
            {
                (2, "sector", "new_sector"),
                (3, "office_location", "nearly"),
                (4, "office_location", "unknown_country"),
                (4, "subsidiary_of", "unknown_parent"),
            },
            noted,
        )
        self.assertNotIn((4, "sector", "new_sector"), noted)

    def test_a_company_of_that_name_is_taken_over_once(self):
        answer = self._import("res.partner", "account,sector\nKiln & Co,retail\n")
        self.assertEqual(self._counts(answer), (0, 1, 0, 0))
        self.assertEqual(self.customer.industry_id.name, "retail")
        answer = self._import("res.partner", "account,sector\nKiln & Co,retail\n")
        self.assertEqual(self._counts(answer), (0, 0, 1, 0))

    def test_namesakes_are_not_guessed(self):
        self.env["res.partner"].create([{"name": "Pair Ltd", "is_company": True}] * 2)
        answer = self._import("res.partner", "account,sector\nPair Ltd,retail\n")
        self.assertEqual(self._refused(answer), [(2, "account", "Pair Ltd")])

    def test_a_circle_of_parents_is_refused(self):
        text = "account,subsidiary_of\nRound One,Round Two\nRound Two,Round One\n"
        answer = self._import("res.partner", text)
        self.assertEqual(answer["crm_import"]["refused"], 1)

    def test_a_repeat_changes_nothing_and_empty_cells_erase_nothing(self):
        self._import("res.partner", ACCOUNTS)
        self.assertEqual(self._counts(self._import("res.partner", ACCOUNTS)), (0, 0, 3, 0))
        self._import("res.partner", "account,sector,office_location\nChild Works,,\n")
        self.assertEqual(self._company("Child Works").industry_id.name, "technolgy")

    def test_a_salesperson_adds_no_sectors(self):
        answer = self._import("res.partner", ACCOUNTS, user=self.seller)
        self.assertEqual(answer["crm_import"]["created"], 3)
        self.assertFalse(self._company("Child Works").industry_id)
        codes = self._log(answer).issue_ids.mapped("code")
        self.assertEqual(codes.count("unknown_sector"), 3)


@tagged("post_install", "-at_install")
class TestImportProducts(ImportCase):
    """Products become products, their series categories."""

    def test_products_come_in_with_price_and_category(self):
        text = 'product,series,sales_price\nKiln One,Kiln,550\nKiln Two,Kiln,"4,821"\n'
        self.assertEqual(self._counts(self._import("product.template", text)), (2, 0, 0, 0))
        products = self.env["product.template"].search([("name", "like", "Kiln %")])
        self.assertEqual(sorted(products.mapped("list_price")), [550, 4821])
        self.assertEqual(products.categ_id.mapped("name"), ["Kiln"])
        self.assertEqual(self._counts(self._import("product.template", text)), (0, 0, 2, 0))

    def test_a_bad_price_keeps_the_row_out(self):
        text = "product,series,sales_price\nKiln One,Kiln,cheap\n,Kiln,5\n"
        answer = self._import("product.template", text)
        self.assertEqual(self._refused(answer), [(2, "sales_price", "cheap"), (3, "product", "")])

    def test_who_may_not_create_products_is_told_for_each_row(self):
        text = "product,series,sales_price\nKiln One,,550\n"
        answer = self._import("product.template", text, user=self.seller)
        self.assertEqual(self._counts(answer), (0, 0, 0, 1))


@tagged("post_install", "-at_install")
class TestImportTeams(ImportCase):
    """Teams, their managers, members and offices."""

    def _user(self, name):
        return self.env["res.users"].search([("name", "=", name)])

    def test_an_administrator_makes_the_people_who_are_no_users_yet(self):
        mails = self.env["mail.mail"].search_count([])
        answer = self._import("crm.team", TEAMS, user=self.administrator)
        self.assertEqual(self._counts(answer), (2, 1, 0, 0))
        user = self._user("Tim Okoro")
        self.assertEqual((user.login, user.email, user.share), ("tim.okoro", False, False))
        self.assertTrue(user.has_group("sales_team.group_sale_salesman"))
        self.assertFalse(user.has_group("sales_team.group_sale_salesman_all_leads"))
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [user.id])
        self.assertFalse(self.env.cr.fetchone()[0])
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(len(self._user("Ada Voss")), 1)

    def test_each_manager_leads_a_team_under_the_office(self):
        self._import("crm.team", TEAMS, user=self.administrator)
        team = self.env["crm.team"].search([("user_id", "=", self._user("Mira Lund").id)])
        self.assertEqual((team.name, team.parent_id.name), ("Mira Lund", "Harbour"))
        self.assertEqual(team.member_ids, self.agent + self._user("Tim Okoro"))
        self.assertFalse(team.parent_id.user_id)

    def test_a_repeat_changes_nothing(self):
        self._import("crm.team", TEAMS, user=self.administrator)
        again = self._import("crm.team", TEAMS, user=self.administrator)
        self.assertEqual(self._counts(again), (0, 0, 3, 0))

    def test_a_salesperson_can_change_the_team(self):
        self._import("crm.team", TEAMS, user=self.administrator)
        moved = TEAMS.replace("Tim Okoro,Mira Lund,Harbour", "Tim Okoro,Jo Falk,Inland")
        answer = self._import("crm.team", moved, user=self.administrator)
        self.assertEqual(self._counts(answer), (0, 1, 2, 0))
        team = self.env["crm.team"].search([("user_id", "=", self._user("Jo Falk").id)])
        self.assertEqual(self._user("Tim Okoro").crm_team_ids, team)

    def test_a_sales_manager_makes_no_users(self):
        answer = self._import("crm.team", TEAMS)
        self.assertEqual(answer["crm_import"]["refused"], 3)
        self.assertFalse(self._user("Tim Okoro"))

    def test_a_sales_manager_sorts_existing_users_into_teams(self):
        text = f"sales_agent,manager,regional_office\nAda Voss,{self.seller.name},Harbour\n"
        self.assertEqual(self._counts(self._import("crm.team", text)), (0, 1, 0, 0))
        self.assertEqual(self.agent.crm_team_ids.user_id, self.seller)

    def test_an_archived_user_is_not_made_anew(self):
        self._import("crm.team", TEAMS, user=self.administrator)
        self._user("Lea Brandt").active = False
        answer = self._import("crm.team", TEAMS, user=self.administrator)
        self.assertEqual(self._refused(answer), [(4, "sales_agent", "Lea Brandt")])

    def test_a_team_without_opportunities_comes_in_all_the_same(self):
        self._import("crm.team", TEAMS, user=self.administrator)
        self.assertTrue(self.env["crm.team"].search([("name", "=", "Inland")]).crm_child_ids)
