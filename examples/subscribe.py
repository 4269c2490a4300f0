from streams import Subscriber

with Subscriber(start="beginning", timeout_s=30) as articles:
    for received in articles:
        article = received.article
        print(article["id"], article["language"], article["sentiment"])
        break
