"""The channels a campaign works through; budget lines and touches speak of the same ones."""

CHANNELS = [
    ("email", "Email"),
    ("sms", "SMS"),
    ("phone", "Phone Call"),
    ("wechat", "WeChat"),
    ("social", "Social Media"),
    ("search", "Search Advertising"),
    ("content", "Content and Website"),
    ("event", "Event and Exhibition"),
    ("print", "Print and Outdoor"),
    ("partner", "Partner"),
    ("other", "Other"),
]
