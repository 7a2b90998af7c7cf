"""Scrapy settings of the crawler. Each line: Scrapy's default, and why ours differs.

What concerns one site (delay, limits, agent) comes from its site.toml and is applied by our own downloader.
"""

BOT_NAME = "xuncha"
# Set by crawler.walk, which gives the spider what it needs; the spider refuses to start without.
STARTED_BY_WALK = False

SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Default True. One loop for everything, usable in any thread and several times in one process.
TWISTED_REACTOR_ENABLED = False

# Default scrapy.core.scheduler.Scheduler: keeps queue and seen set in memory; ours are rows of the evidence.
SCHEDULER = "crawler.frontier.FrontierScheduler"
# Default scrapy.core.downloader.Downloader: no per-host limit at delay 0, drops redirects and errors silently.
DOWNLOADER = "crawler.downloader.GentleDownloader"

# Default 16. How many pages may wait for their host's turn; the turn itself is per host.
CONCURRENT_REQUESTS = 48
# Default 100. Scrapy starts that many tasks for every response, to take what the callback yields: ours yields nothing.
CONCURRENT_ITEMS = 0

# Default True: a loopback port that runs code.
REMOTE_CONTROL_ENABLED = False
# Default True: another one.
TELNETCONSOLE_ENABLED = False

# Defaults hold 5 spider and 13 downloader middlewares that cost more per page than reading it. What they do
# (redirects, cookies, robots, retries, compression, off-site, depth) is recorded evidence here: crawler.fetching.
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
# Default 8 extensions: statistics nobody reads here, memory and log reports, feeds.
EXTENSIONS_BASE: dict[str, int] = {}
# Default MemoryStatsCollector: a counter per signal and request.
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"

# Default DEBUG: a line a page.
LOG_LEVEL = "WARNING"
# Default scrapy.logformatter.LogFormatter: puts that line together even when nobody reads it.
LOG_FORMATTER = "crawler.spiders.walk.NoLine"
# Default True: would tear the progress line.
LOG_INSTALL_ROOT_HANDLER = False
# Default True: looks at the source of our one callback for every page.
WARN_ON_GENERATOR_RETURN_VALUE = False
