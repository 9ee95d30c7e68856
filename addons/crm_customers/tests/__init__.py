from . import (
    test_capitals,
    test_cash_truth,
    test_crm_contract,
    test_crm_contract_security,
    test_res_partner,
)
