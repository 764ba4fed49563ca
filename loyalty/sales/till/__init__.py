"""The till: find or enrol a member, record a sale, undo it, refund. Made for one hand and a queue."""

from __future__ import annotations

from django.urls import path

from loyalty.sales.till.finding import EnrolView, FindView, HomeView, PlaceView
from loyalty.sales.till.refunding import ReceiptView, RefundView, UndoView
from loyalty.sales.till.selling import ProductsView, QuoteView, ResultView, SaleView

routes = [
    path("", HomeView.as_view(), name="home"),
    path("find/", FindView.as_view(), name="find"),
    path("place/", PlaceView.as_view(), name="place"),
    path("new/", EnrolView.as_view(), name="enrol"),
    path("members/<str:member>/", SaleView.as_view(), name="member"),
    path("members/<str:member>/quote/", QuoteView.as_view(), name="quote"),
    path("products/", ProductsView.as_view(), name="products"),
    path("receipts/", ReceiptView.as_view(), name="receipts"),
    path("sales/<str:purchase>/", ResultView.as_view(), name="sale"),
    path("sales/<str:purchase>/undo/", UndoView.as_view(), name="undo"),
    path("sales/<str:purchase>/refund/", RefundView.as_view(), name="refund"),
]
