"""Row 17 and the numbers: normal forms, blocking, evidence and suggestions, without a database."""

import unittest

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.crm_customers.tools.matching import identifiers
from odoo.addons.crm_customers.tools.matching.blocking import candidate_pairs
from odoo.addons.crm_customers.tools.matching.cards import make_card
from odoo.addons.crm_customers.tools.matching.evidence import (
    POSSIBLE,
    SURE,
    find_pairs,
    judge,
    judge_pairs,
)
from odoo.addons.crm_customers.tools.matching.names import company, person
from odoo.addons.crm_customers.tools.matching.suggest import queries, rank, search_key
from odoo.addons.crm_customers.tools.matching.text import compact, plain, words

NAMES = ("name", "identity", "birth", "street", "city", "zip", "country", "phone")
VALUES = (
    ("Ida Larsen", "Larsen Ida", "Ida Larson", "Nordlys 2 AS", "Nordlys 3 AS", "Nord-Lys AS"),
    ("", "123456", "123457", "987654"),
    ("", "19800101", "19800110", "19551231"),
    ("", "1 Harbour Street", "2 Harbour Street", "1 harbor st"),
    ("", "Bergen", "Oslo"),
    ("", "5003", "5004"),
    ("", "NO", "SE"),
    ("", "+4755300001", "+4755300002"),
)
SAME = (
    ("华为技术有限公司", "华为技术股份有限公司"),
    ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
    ("百度在线网络技术（北京）公司", "北京百度在线网络技术有限公司"),
    ("臺灣積體電路製造股份有限公司", "台湾积体电路制造"),
    ("ＡＢＣ（上海）有限公司", "上海ABC有限责任公司"),
    ("广东省深圳市南山区星云数据有限公司", "深圳星云数据有限公司"),
    ("삼성전자주식회사", "(주)삼성전자"),
    ("トヨタ自動車株式会社", "トヨタ自动车"),
    ("The Coca-Cola Company", "Coca Cola Co."),
    ("Procter & Gamble", "Procter and Gamble Co."),
    ("Nestlé S.A.", "NESTLE SA"),
    ("Wal-Mart Inc", "Walmart Incorporated"),
    ("McDonald's Corporation", "McDonalds Corp."),
    ("Rous Surgical s.r.o.", "ROUS SURGICAL"),
    ("ERSKINE PRODUCTS PTY. LTD.", "Erskine Products Pty Limited"),
)
DIFFERENT = (
    ("北京星云数据有限公司", "上海星云数据有限公司"),
    ("华为技术有限公司", "华为技术有限公司深圳分公司"),
    ("北京银行股份有限公司", "上海银行股份有限公司"),
    ("星云集团有限公司", "星云有限公司"),
    ("Siemens Healthcare S.A.", "Siemens Healthcare Cia. Ltda."),
    ("Vintage Fund XIV LP", "Vintage Fund XV LP"),
    ("Apple Inc.", "Apple Music"),
)


def card(name, **values):
    return make_card({"company": True, "name": name, **values})


class TestNames(unittest.TestCase):
    """Names of companies and persons."""

    def test_spellings_of_one_company_are_equal(self):
        for one, other in SAME:
            self.assertTrue(card(one).agrees("name", card(other)), (company(one), company(other)))

    def test_names_that_tell_companies_apart_are_not(self):
        for one, other in DIFFERENT:
            self.assertFalse(card(one).agrees("name", card(other)), (company(one), company(other)))

    def test_a_name_never_loses_everything(self):
        for name in ("有限公司", "Limited", "The Co.", "北京", "公司", "(集团)"):
            self.assertEqual(bool(company(name).key), bool(compact(name)), name)

    @given(st.text(max_size=40))
    def test_normal_forms_are_stable_and_never_fail(self, text):
        self.assertEqual(plain(plain(text)), plain(text))
        company(text), person(text), queries(text), words(text)

    def test_swapped_and_accented_names_of_persons_are_equal(self):
        self.assertEqual(person("Gibb, Jasmine"), person("jasmine GIBB"))
        self.assertEqual(person("José Núñez"), person("Nunez Jose"))
        self.assertEqual(person("王 伟"), person("王伟"))


class TestIdentifiers(unittest.TestCase):
    """Numbers that name somebody."""

    def test_a_credit_code_in_any_form(self):
        code = "914403002793498542"
        for text in (code, "9144 0300 2793 4985 42", "９１４４０３００２７９３４９８５４２"):
            self.assertEqual(identifiers.credit_code(text), code)
        for text in ("", "12345", "914403002793498543", None):
            self.assertIsNone(identifiers.credit_code(text))

    def test_telephone_numbers_in_any_form(self):
        for text in ("13800138000", "+86 138-0013-8000", "138 0013 8000"):
            self.assertEqual(identifiers.phone_key(text, "cn"), "+8613800138000")
        self.assertEqual(identifiers.phone_key("310/246-1501"), "3102461501")
        self.assertEqual(identifiers.phone_key("ext. 12"), "")

    def test_public_mail_names_no_company(self):
        self.assertEqual(identifiers.mail_domain("a@nordlys.example"), "nordlys.example")
        self.assertEqual(identifiers.mail_domain("a@qq.com"), "")
        self.assertEqual(
            identifiers.mail_domain("", "https://www.nordlys.example/en?x=1"), "nordlys.example"
        )


class TestEvidence(unittest.TestCase):
    """Blocking and judgement."""

    def test_a_key_of_too_many_pairs_nobody(self):
        keys = [[("city", "shanghai")]] * 70 + [[("phone", "1")]] * 2
        first, second = candidate_pairs(keys, cap=60)
        self.assertEqual((first.tolist(), second.tolist()), ([70], [71]))

    def test_growth_is_bounded_by_the_block_cap(self):
        keys = [[("city", str(place % 50))] for place in range(2000)]
        first, _second = candidate_pairs(keys, cap=60)
        self.assertEqual(len(first), 50 * (40 * 39 // 2))

    def test_a_person_and_a_company_are_never_one(self):
        one = make_card({"company": True, "name": "Ida Larsen", "phone": "+4755300001"})
        other = make_card({"company": False, "name": "Ida Larsen", "phone": "+4755300001"})
        self.assertEqual(len(find_pairs([one, other], least=-99).bits), 0)

    def test_fields_that_one_does_not_have_say_nothing(self):
        plain_cards = card("Nordlys"), card("Nordlys", city="Bergen", phone="+4755300001")
        [(bits, _reasons)] = judge_pairs([plain_cards])
        [(equal, _reasons)] = judge_pairs([(card("Nordlys"), card("Nordlys"))])
        self.assertEqual(bits, equal)

    def test_a_name_written_in_one_word_is_the_same_name(self):
        [(bits, reasons)] = judge_pairs([(card("Wal-Mart Inc"), card("Walmart Inc."))])
        self.assertGreaterEqual(bits, SURE)
        self.assertIn('["name", "similar"', reasons)

    @given(st.lists(st.tuples(st.booleans(), *[st.sampled_from(words_) for words_ in VALUES])))
    def test_pairs_let_go_early_are_those_that_do_not_reach_the_limit(self, drawn):
        cards = [make_card(dict(zip(("company", *NAMES), values, strict=True))) for values in drawn]
        first, second = candidate_pairs([["everybody"]] * len(cards))
        whole = judge(cards, first, second)
        for least in (POSSIBLE, SURE):
            kept = whole.keep(whole.bits >= least)
            found = judge(cards, first, second, least)
            self.assertEqual(kept.first.tolist(), found.first.tolist())
            self.assertEqual(kept.second.tolist(), found.second.tolist())
            self.assertEqual(kept.bits.tolist(), found.bits.tolist())
            for place in range(len(kept.bits)):
                self.assertEqual(kept.reasons(place), found.reasons(place))

    def test_one_name_in_two_countries_is_not_sure(self):
        [(bits, reasons)] = judge_pairs(
            [(card("Top Goal Global Ltd", country="HK"), card("Top Goal Global Ltd", country="VG"))]
        )
        self.assertLess(bits, SURE)
        self.assertIn('["country", "different"', reasons)


class TestRanking(unittest.TestCase):
    """Short names and their full ones."""

    def test_marks_of_stock_exchanges_do_not_count(self):
        self.assertEqual(queries("*ST天马")[0], "天马")
        self.assertEqual(queries("万科Ａ")[0], "万科")
        self.assertEqual(queries("粤高速A"), ("粤高速", "广东高速"))

    def test_the_likeliest_comes_first(self):
        names = [(1, "万里股份有限公司"), (2, "万科企业股份有限公司"), (3, "科万有限公司")]
        asked = [(number, name, search_key(name)) for number, name in names]
        self.assertEqual(rank("万科A", asked)[0][0], 2)


if __name__ == "__main__":
    unittest.main()
