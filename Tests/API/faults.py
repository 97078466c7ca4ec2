"""What is wrong, all of it: a check that fails does not keep the others from being tried."""

from schemathesis.core.failures import FailureGroup


class Faults(list):
    def attempt(self, what, check, *arguments):
        try:
            check(*arguments)
        except FailureGroup as group:
            self.extend(f"{what}: {error}" for error in group.exceptions)
        except Exception as error:
            self.append(f"{what}: {type(error).__name__} {error}")
