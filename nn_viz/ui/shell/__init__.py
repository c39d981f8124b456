"""The script that Streamlit runs: not beside `pages/`, whose files Streamlit would take for pages of its own."""
