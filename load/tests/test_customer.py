import types
import unittest

import context  # noqa: F401
from customer import Customer
from rows import Row

ROW = Row(7, "12.5", "load-x y 1", 0.0)


def reply(text="", **headers):
    return types.SimpleNamespace(text=text, headers=headers)


class CheckTest(unittest.TestCase):
    """A fast wrong answer is a failure."""

    def test_a_list_must_hold_what_was_acknowledged(self):
        row = '{"id":7,"amount":12.5,"description":"load-x y 1"}'
        self.assertIsNone(Customer.listed(reply(f'{{"result":[{row}]}}'), ROW))
        self.assertIsNone(Customer.listed(reply('{"result":[]}'), None))
        self.assertIn("acknowledged", Customer.listed(reply('{"result":[]}'), ROW))
        self.assertIn("acknowledged", Customer.listed(reply(f'{{"result":[{row.replace("12.5", "12.4")}]}}'), ROW))
        self.assertEqual(Customer.listed(reply("<html>"), None), "no list")

    def test_a_row_must_have_its_last_amount(self):
        self.assertIsNone(Customer.amount_is(reply('{"id":7,"amount":12.5,"desc":"x"}'), ROW))
        self.assertIn("12.5", Customer.amount_is(reply('{"id":7,"amount":12.55,"desc":"x"}'), ROW))

    def test_a_page_is_newest_first_and_not_too_long(self):
        self.assertIsNone(Customer.page(reply('{"items":[{"id":2},{"id":1}],"next_cursor":null}')))
        for text in ('{"items":[{"id":1},{"id":2}],"next_cursor":null}', '{"items":[]}'):
            self.assertIsNotNone(Customer.page(reply(text)))
        many = ",".join(f'{{"id":{number}}}' for number in range(60, 0, -1))
        self.assertIsNotNone(Customer.page(reply(f'{{"items":[{many}],"next_cursor":null}}')))

    def test_a_recording_says_where_the_row_is(self):
        self.assertIsNone(Customer.located(reply(Location="/v1/transactions/7")))
        self.assertIsNotNone(Customer.located(reply()))
