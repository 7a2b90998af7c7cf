"""The contract between gathering and judging. Imports nothing of Scrapy."""
