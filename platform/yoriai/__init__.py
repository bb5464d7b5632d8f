"""The kernel of Yoriai (寄合): tenancy, rules engine, audit, web and batch contracts. It knows no business."""
