"""The Slack channel: the same conversation in threads, direct messages and buttons, over Socket Mode.

app         the Bolt application, put together
connection  tokens, the first handshake, and whether the socket still lives
desk        one case a thread; knows no Slack library
incoming    an event of Slack -> plain text, and whether it is meant for the bot
uploads     shared files -> files on disk, for as long as they are read
richtext    plain text -> the elements of Slack's rich text
views       a reply -> messages in Block Kit, within every limit
posting     messages -> the thread
listeners   one module a feature of the platform
"""

from bot.slack.connection import Connection, connect

__all__ = ["Connection", "connect"]
