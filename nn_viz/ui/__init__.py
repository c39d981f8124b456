"""What a person sees: the Streamlit pages, their components and the state that travels in the URL."""
