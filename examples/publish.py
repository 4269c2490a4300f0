from streams import Publisher

with Publisher() as publisher:
    identifier = publisher.publish({"text": "Angela Merkel a visité Paris mardi.", "source": "my desk"})
    print(identifier)
