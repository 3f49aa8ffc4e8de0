"""The script that people write first: token, pages, JSON to a file. No state, no retries, no format. Prints: alerts, seconds, CPU seconds."""
import json
import sys
import time

import requests

with open(sys.argv[1], encoding="utf-8") as given:
    settings = json.load(given)
session = requests.Session()
session.trust_env = False  # else REQUESTS_CA_BUNDLE of the environment wins over verify
session.verify = settings["ca"]
login = settings["login"].rstrip("/")
started, cpu, count = time.monotonic(), time.process_time(), 0
with open(settings["output"], "w", encoding="utf-8") as output:
    for tenant in settings["tenants"]:
        token = session.post(
            f"{login}/{tenant}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": settings["client"],
                "client_secret": settings["secret"],
                "scope": "https://graph.microsoft.com/.default",
            },
        ).json()["access_token"]
        url = f"{login}/graph/v1.0/security/alerts_v2?$top=1000"
        while url:
            page = session.get(url, headers={"Authorization": f"Bearer {token}"}).json()
            for alert in page["value"]:
                output.write(json.dumps(alert) + "\n")
                count += 1
            url = page.get("@odata.nextLink")
print(count, time.monotonic() - started, time.process_time() - cpu)
