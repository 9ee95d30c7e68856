from . import period, workbook
