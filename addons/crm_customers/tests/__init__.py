from . import test_cash_truth
from . import test_crm_contract
from . import test_crm_contract_security
from . import test_res_partner
from . import test_capitals
