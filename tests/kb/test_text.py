"""What a text becomes before anything compares it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text import MAX_WORD, expand, fold, is_identifier, kind_of_line, stem, tokens, words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("nf_conntrack", ["nf_conntrack", "nf", "conntrack"]),
        ("br-int", ["br-int", "br", "int"]),
        ("eth0", ["eth0", "eth"]),
        ("qemu-kvm-1.0", ["qemu-kvm-1.0", "qemu", "kvm"]),
        ("var/log/messages", ["var/log/messages", "var", "log", "messag"]),
        ("NullPointerException", ["nullpointerexcept", "null", "pointer", "except"]),
        ("XMLParser", ["xmlparser", "xml", "parser"]),
        ("getURL", ["geturl", "get", "url"]),
    ],
)
def test_an_identifier_stays_whole_and_gives_its_parts(written: str, expected: list[str]) -> None:
    assert tokens(written) == expected


def test_a_version_stays_whole_and_gives_its_names_but_not_its_short_numbers() -> None:
    assert tokens("1.0+noroms-0ubuntu13")[0] == "1.0+noroms-0ubuntu13"
    assert {"norom", "ubuntu"} <= set(tokens("1.0+noroms-0ubuntu13"))
    assert not {"1", "0"} & set(tokens("1.0+noroms-0ubuntu13"))


@pytest.mark.parametrize(
    "address",
    [
        "0000:01:00.0",
        "fa:16:3e:0a:bb:cc",
        "192.168.0.1/24",
        "3f2504e0-4f89-11d3",
        "2012-05-01",
        "12:30:59",
        "0x1f",
        "48",
    ],
)
def test_an_address_a_date_or_a_number_stays_whole_only(address: str) -> None:
    assert tokens(address) == [address]


def test_forms_of_one_word_become_one_token() -> None:
    assert len(set(tokens("restart restarts restarted restarting RESTARTING Restart's"))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("réseau", "reseau"),
        ("re\u0301seau", "réseau"),
        ("ＶＭ", "vm"),
        ("VMs", "vm"),
        ("STRASSE", "straße"),
        ("İstanbul", "istanbul"),
        ("net\u200bwork", "network"),
        ("it’s", "it's"),
        ("doesn’t", "doesnt"),
    ],
)
def test_differences_that_nobody_means_are_gone(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


def test_scripts_without_spaces_give_pairs_of_characters_and_keep_the_latin_words_between() -> None:
    assert tokens("虚拟机vm断开") == ["虚拟", "拟机", "vm", "断开"]
    assert tokens("网") == ["网"]


def test_a_mark_that_is_a_letter_of_its_script_stays() -> None:
    assert tokens("が") != tokens("か")


def test_a_compatibility_sign_can_be_several_words() -> None:
    assert tokens("½") == ["1", "2"]


def test_an_ordinary_word_with_a_swapped_case_gives_nothing_more() -> None:
    assert tokens("tHE qUEUE") == tokens("the queue")


def test_words_are_as_written() -> None:
    assert words("The VM's eth0 (br-int) went deaf!") == ["The", "VM's", "eth0", "br-int", "went", "deaf"]


@pytest.mark.parametrize("word", ["eth0", "br-int", "nf_conntrack", "1.0", "NullPointerException"])
def test_identifiers_are_known_as_such(word: str) -> None:
    assert is_identifier(word)


@pytest.mark.parametrize("word", ["network", "Network", "NETWORK", "doesn't", "réseau", "网络"])
def test_words_of_a_language_are_no_identifiers(word: str) -> None:
    assert not is_identifier(word)


@pytest.mark.parametrize(
    "line",
    [
        "[12345.678901] eth0: link down",
        "May  3 10:00:01 host dhclient: DHCPREQUEST on eth0",
        "2012-05-01 12:00:00.123 INFO something happened",
        "10:00:01.123456 IP a > b: ICMP echo request",
        "<6>e1000: transmit timed out",
        "rx_errors=0 tx_errors=3 dropped=17",
        "3: eth0: <BROADCAST,UP> mtu 1500 qdisc pfifo_fast",
    ],
)
def test_a_machine_wrote_this_line(line: str) -> None:
    assert kind_of_line(line) == "log"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "the vm is down, no ping",
        "I ran it 3 times: 4 failed, 2 ok",
        "eth0 is down",
        "why does br-int drop packets?",
    ],
)
def test_a_person_wrote_this_line(line: str) -> None:
    assert kind_of_line(line) == "prose"


@given(st.text())
def test_no_text_raises_and_every_token_is_bounded_and_without_white_space(text: str) -> None:
    for token in tokens(text):
        assert token
        assert token.split() == [token]
        # Folding can make a sign longer, at most eighteenfold in all of Unicode.
        assert len(token) <= 18 * 8 * (MAX_WORD + 1)
    assert kind_of_line(text) in {"log", "prose"}
    assert isinstance(is_identifier(text), bool)


@given(st.text())
def test_the_tokens_of_a_text_are_those_of_its_words(text: str) -> None:
    assert tokens(text) == [token for word in words(text) for token in expand(word)]


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_upper_case_and_lower_case_are_the_same(text: str) -> None:
    assert tokens(text.upper()) == tokens(text.lower())


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "a-" * 500_000,
        "_" * 1_000_000,
        "'" * 1_000_000,
        "a" + "\u0301\u0316" * 500_000,
        "网" * 1_000_000,
        "aB" * 500_000,
        "1." * 500_000,
        "0a:" * 333_333,
        "\ufdfa" * 1_000_000,
    ],
)
def test_a_megabyte_of_anything_is_cut_into_bounded_words(text: str) -> None:
    assert all(len(word) <= 8 * (MAX_WORD + 1) for word in words(text))
    tokens(text)


def test_stems_are_for_plain_latin_words_only() -> None:
    assert stem("networks") == "network"
    assert stem("réseaux") == "réseaux"
    assert stem("eth0s") == "eth0s"


def test_unicode_forms_of_one_text_give_the_same_tokens() -> None:
    text = "Verbindungsabbrüche à côté de l'hôte 가상 머신"
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(unicodedata.normalize("NFC", text))
