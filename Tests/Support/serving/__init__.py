"""What the test servers share: HTTP/1.1 and forms read strictly, their end, and what their own tests ask them with."""
