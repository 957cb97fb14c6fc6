#!/usr/bin/env bash
# Writes the report as a comment on the pull request. The comment of an earlier run, which starts
# with Palisade's mark, is updated.
# In: MARKDOWN (a file), NUMBER of the pull request, GITHUB_REPOSITORY, GH_TOKEN for gh.
set -euo pipefail

comments=repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments
ours='.[] | select(.user.type == "Bot" and (.body | startswith("<!-- palisade -->"))) | .id'
if ! found=$(gh api --paginate "$comments" --jq "$ours"); then
  echo "::warning::the comments of the pull request can't be read; the token needs pull-requests with write"
  exit
fi
earlier=$(head -n 1 <<<"$found")
if [ -n "$earlier" ]; then
  arguments=(--method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier")
else
  arguments=(--method POST "$comments")
fi
# A pull request from a fork has a token that may only read: the report is in the summary, too.
if ! gh api "${arguments[@]}" --field "body=@$MARKDOWN" --silent; then
  echo "::warning::the comment can't be written; the token needs pull-requests with write"
fi
